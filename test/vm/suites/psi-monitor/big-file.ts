import { writeFileSync } from 'node:fs'
import type { Context } from '../../guest/context.ts'

const PATH = '/var/tmp/big-file'

/** Makes a file of which nothing is in the page cache; gives its path. */
export async function bigFile({ run }: Context, mb: number): Promise<string> {
  await run('dd', ['if=/dev/zero', `of=${PATH}`, 'bs=1M', `count=${mb}`, 'conv=fsync'])
  writeFileSync('/proc/sys/vm/drop_caches', '1')
  return PATH
}
