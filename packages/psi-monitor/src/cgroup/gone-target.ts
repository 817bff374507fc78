import { errnoOf, isGone } from '../kernel/errno.ts'

/** What the kernel says of a process that is gone, for one that has merely no memory any more. */
export function goneProcess(): Error {
  return Object.assign(new Error('The process has ended'), { code: 'ESRCH' })
}

/** Reads what must be there of a target; says in words that the target is not there. */
export function ofTarget<T>(name: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!isGone(error)) throw error
    throw Object.assign(new Error(`There is no ${name}`, { cause: error }), {
      code: errnoOf(error),
    })
  }
}
