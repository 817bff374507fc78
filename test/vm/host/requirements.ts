import { execFileSync } from 'node:child_process'
import { virtualMachinePackages } from '../../../scripts/debian-packages.mjs'
import { installDebianPackages } from '../../../scripts/install-debian-packages.mjs'

/** Libraries that every image has; `linux-vdso` is the kernel's, and `ld-linux` the loader. */
const INSIDE =
  /^\s*(\/\S+\/ld-|(linux-vdso|ld-linux\S*|lib(atomic|c|dl|gcc_s|m|pthread|rt|stdc\+\+))\.so)/

/** What keeps this host from running virtual machines, as one sentence; null when nothing does. */
export function lacking(): string | null {
  const { platform, arch, execPath } = process
  if (platform !== 'linux' || arch !== 'x64') {
    return `The virtual machines need a Linux host on x64, not ${platform} on ${arch}.`
  }
  if (process.getuid?.() !== 0) {
    return 'The images of the virtual machines can only be made as root: run this again as root.'
  }
  const complete = installDebianPackages(virtualMachinePackages, 'no virtual machine can be run')
  if (!complete) return 'Nothing was checked.'
  const foreign = foreignLibraries(execFileSync('ldd', [execPath], { encoding: 'utf8' }))
  if (foreign.length === 0) return null
  return `${execPath} needs libraries that the machines do not have (${foreign.join(', ')}): use an official build, such as "npx --yes --package node@24 -- npm run test:vm".`
}

/** The libraries in the output of `ldd` that a machine does not have. */
export function foreignLibraries(ldd: string): string[] {
  return ldd
    .split('\n')
    .filter((line) => line.trim() !== '' && !INSIDE.test(line))
    .map((line) => line.trim().split(' ')[0] ?? '')
}
