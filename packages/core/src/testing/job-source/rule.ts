import type { Scene } from './scene.ts'

/** Registers one rule of the job source contract; its title is a sentence of the contract. */
export type JobSourceRule = (title: string, play: (scene: Scene) => void | Promise<void>) => void
