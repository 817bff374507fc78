import { readFileSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { errnoOf, isGone, reasonOf } from '../src/kernel/errno.ts'
import { errnoError } from './kit/refusing-files.ts'

test.each([
  ['EROFS', 'the cgroup file system is mounted read-only, as in most containers'],
  ['EACCES', 'this user may not'],
  ['EPERM', 'this user may not; Linux 6.5 and 6.6 before 6.6.3 refuse it without CAP_SYS_RESOURCE'],
  [
    'EINVAL',
    'without CAP_SYS_RESOURCE the window must be a multiple of 2 s; no window is longer than 10 s',
  ],
  ['EBUSY', 'the file carries a trigger already'],
  ['EOPNOTSUPP', 'pressure stall information is switched off: boot with psi=1'],
  ['ENODEV', 'the cgroup has been removed'],
  ['EMFILE', 'the limit of open files, or of inotify instances of this user, is reached'],
  ['ENOSPC', 'the limit of inotify watches of this user is reached (fs.inotify.max_user_watches)'],
  ['ENOENT', 'there is no such file'],
  ['ESRCH', 'there is no such process'],
])('%s means: %s', (code, meaning) => {
  expect(reasonOf(errnoError(code))).toBe(`${code}: ${meaning}`)
})

test('a code without a meaning of ours is told as the system tells it', () => {
  expect(reasonOf(Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' }))).toBe(
    'EIO: i/o error, read',
  )
})

test.each([
  [new Error('it does not hold pressure figures'), 'it does not hold pressure figures'],
  [Object.assign(new Error('odd'), { code: 5 }), 'odd'],
  ['a string', 'a string'],
  [undefined, 'undefined'],
])('any other error is told by its message: %s', (error, expected) => {
  expect(reasonOf(error)).toBe(expected)
  expect(errnoOf(error)).toBeUndefined()
})

test.each([
  ['ENODEV', true],
  ['ENOENT', true],
  ['ESRCH', true],
  ['EACCES', false],
  ['EROFS', false],
  ['EMFILE', false],
  ['EINVAL', false],
  ['EOPNOTSUPP', false],
])('with %s a cgroup or process is gone: %s', (code, expected) => {
  expect(isGone(errnoError(code))).toBe(expected)
})

test('without a code nothing is gone', () => {
  expect(isGone(new Error('ENODEV'))).toBe(false)
  expect(isGone({ code: 'ENODEV' })).toBe(false)
  expect(isGone(undefined)).toBe(false)
})

test('the system gives its errors such codes', () => {
  expect(codeOf(() => readFileSync('/nowhere/at/all'))).toBe('ENOENT')
  expect(codeOf(() => readdirSync(import.meta.filename))).toBe('ENOTDIR')
})

function codeOf(act: () => unknown): string | undefined {
  try {
    act()
  } catch (error) {
    return errnoOf(error)
  }
  return 'none'
}
