/** Debian packages whose commands the tests use where they exist, and skip a test with its reason where not. */
export const debianPackages = [
  {
    package: 'strace',
    command: 'strace',
    usedBy: 'the tests that a file is on disk (fsync) before it is renamed',
  },
]
