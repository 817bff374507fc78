#!/usr/bin/env node
// Makes a machine with only Node.js and npm ready, then runs a command of the workspace. Its own words
// go to stderr, so that stdout is the command's alone.
import { debianPackages } from './debian-packages.mjs'
import { installDebianPackages } from './install-debian-packages.mjs'
import { installDependencies } from './install-dependencies.mjs'
import { requireNode } from './require-node.mjs'
import { runCommand } from './run-command.mjs'
import { fail } from './say.mjs'

const args = process.argv.slice(2)
const debian = args[0] === '--debian'
if (debian) args.shift()
const command = args.shift()
if (command === undefined || command.startsWith('--')) {
  fail('usage: node scripts/bootstrap.mjs [--debian] COMMAND [ARGUMENT]...', 2)
}

requireNode()
installDependencies()
if (debian) installDebianPackages(debianPackages, 'what needs it is skipped')
runCommand(command, args)
