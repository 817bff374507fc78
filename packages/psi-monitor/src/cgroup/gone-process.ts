/** What the kernel says of a process that is gone, for one that has merely no memory any more. */
export function goneProcess(): Error {
  return Object.assign(new Error('The process has ended'), { code: 'ESRCH' })
}
