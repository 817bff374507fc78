import type { Facts } from '../../guest/facts.ts'

const TELLS_IT = 'debian-13'

/** The story is long, and one machine tells it. With cgroup v1 there would be no MemoryHigh. */
export const toldOnce = ({ machine }: Facts): true | string =>
  machine.name === TELLS_IT || `${TELLS_IT} tells the story`
