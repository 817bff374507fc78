// What proves that a package is there is its `command`, or, of one without, a `file` of it.

/** Debian packages that the tests use where they exist, and skip a test with its reason where not. */
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
  {
    package: 'systemd',
    file: '/lib/systemd/systemd',
    usedBy: 'the tests that unit files are read as the real systemd reads them',
  },
  {
    package: 'systemd-container',
    command: 'systemd-nspawn',
    usedBy: 'the tests of services under a real systemd, in a container',
  },
  {
    package: 'mmdebstrap',
    command: 'mmdebstrap',
    usedBy: 'making the Debian of that container, once',
  },
  {
    package: 'docker-compose',
    command: 'docker-compose',
    usedBy: 'the test that Docker Compose accepts the manifest of examples/container',
  },
  {
    package: 'kubernetes-client',
    command: 'kubectl',
    usedBy: 'the test that kubectl reads the manifests of examples/container',
  },
]

/** Debian packages without which `npm run test:vm` cannot run. */
export const virtualMachinePackages = [
  { package: 'mmdebstrap', command: 'mmdebstrap', usedBy: 'making a Debian' },
  {
    package: 'debian-archive-keyring',
    file: '/usr/share/keyrings/debian-archive-keyring.gpg',
    usedBy: 'checking what Debian signed',
  },
  { package: 'e2fsprogs', command: 'mke2fs', usedBy: 'making a disk of it' },
  { package: 'qemu-system-x86', command: 'qemu-system-x86_64', usedBy: 'booting that' },
]
