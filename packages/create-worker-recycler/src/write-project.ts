import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { ProjectFiles } from './project-files.ts'
import { Refusal } from './refusal.ts'

const HIDDEN = '.create-worker-recycler-'

/** Throws a `Refusal` for a directory that holds anything, and for what is no directory. */
export function refuseTaken(directory: string): void {
  if (!existsSync(directory)) return
  if (!statSync(directory).isDirectory()) throw new Refusal(`${directory} is no directory`, 1)
  if (readdirSync(directory).length === 0) return
  throw new Refusal(`${directory} is not empty: choose another directory, or empty it`, 1)
}

/**
 * Writes a project, whole or not at all: into a hidden folder beside its place first, then by rename.
 * Nothing that is there is overwritten. It does not yield, so that a stop request finds all or nothing.
 */
export function writeProject(directory: string, files: ProjectFiles): void {
  refuseTaken(directory)
  // The user's shell may stand in it: then it must stay the same directory.
  const isThere = existsSync(directory)
  const parent = isThere ? directory : dirname(directory)
  const made = mkdirSync(parent, { recursive: true })
  const hidden = mkdtempSync(join(parent, HIDDEN))
  try {
    const whole = join(hidden, basename(directory))
    for (const [path, text] of files) {
      mkdirSync(dirname(join(whole, path)), { recursive: true })
      writeFileSync(join(whole, path), text, { flag: 'wx' })
    }
    if (isThere) moveInto(directory, whole)
    // Fails where somebody was faster, unless that directory is empty.
    else renameSync(whole, directory)
    rmSync(hidden, { recursive: true })
  } catch (error) {
    rmSync(made ?? hidden, { recursive: true, force: true })
    throw error
  }
}

function moveInto(directory: string, whole: string): void {
  const moved: string[] = []
  try {
    for (const name of readdirSync(whole)) {
      const target = join(directory, name)
      if (existsSync(target)) throw new Refusal(`${target} has appeared meanwhile`, 1)
      renameSync(join(whole, name), target)
      moved.push(target)
    }
  } catch (error) {
    for (const target of moved) rmSync(target, { recursive: true })
    throw error
  }
}
