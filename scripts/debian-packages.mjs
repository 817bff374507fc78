/**
 * Debian packages that the tests use where they exist, and skip a test with its reason where not. What
 * proves that one is there is its `command`, or, of one without, a `file` of it.
 */
export const debianPackages = [
  {
    package: 'strace',
    command: 'strace',
    usedBy: 'the tests that a file is on disk (fsync) before it is renamed',
  },
  {
    package: 'redis-server',
    command: 'redis-server',
    usedBy: 'the tests against a real Redis, alone, watched by sentinels, and as a cluster',
  },
  {
    package: 'ruby-sidekiq',
    command: 'sidekiq',
    usedBy: 'the tests next to a real Sidekiq',
  },
  {
    package: 'ruby-gitlab-sidekiq-fetcher',
    file: '/usr/lib/ruby/vendor_ruby/sidekiq-reliable-fetch.rb',
    usedBy: 'the tests next to a real reliable fetch',
  },
]
