#!/usr/bin/env node
// The lock file names versions and hashes, never an address: it must install through any registry.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './workspace.mjs'

const breaches = readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8')
  .split('\n')
  // A deprecation notice is a sentence of the package's author, and may hold a link.
  .map((line, index) => ({ line, number: index + 1 }))
  .filter(({ line }) => /:\/\/|\btarball:/.test(line) && !/^\s+deprecated:/.test(line))

for (const { line, number } of breaches) console.log(`pnpm-lock.yaml:${number} ${line.trim()}`)
console.log(`${breaches.length === 0 ? 'no' : breaches.length} addresses in pnpm-lock.yaml`)
process.exitCode = breaches.length === 0 ? 0 : 1
