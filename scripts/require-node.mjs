import { join } from 'node:path'
import { fail } from './say.mjs'
import { readJson, root } from './workspace.mjs'

/** Ends with one sentence on a Node.js older than `engines.node` of the root, written `>=MAJOR.MINOR`. */
export function requireNode(version = process.versions.node) {
  const range = readJson(join(root, 'package.json')).engines.node
  const [major, minor] = range.replace('>=', '').split('.').map(Number)
  const [ownMajor, ownMinor] = version.split('.').map(Number)
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return
  fail(`Node.js ${major}.${minor} or newer is needed, this is ${version}: install a newer Node.js.`)
}
