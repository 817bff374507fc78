import { basename, resolve } from 'node:path'
import { nameFault, nameFrom } from '../project-name.ts'
import { Refusal } from '../refusal.ts'
import { refuseTaken } from '../write-project.ts'

/** Where a project goes, and what it is called. */
export interface Place {
  readonly directory: string
  readonly name: string
}

/** Throws a `Refusal` where nothing can be written, and for what is no name. */
export function placeOf(given: string, name: string | undefined): Place {
  if (given.trim() === '' || given.includes('\0')) {
    throw new Refusal(`${JSON.stringify(given)} is no directory's name`, 2)
  }
  const directory = resolve(given)
  const chosen = name ?? nameFrom(basename(directory))
  const fault = nameFault(chosen)
  if (fault !== undefined) {
    const way = name === undefined ? ': give a --name' : ''
    throw new Refusal(`${JSON.stringify(chosen)} ${fault}${way}`, 2)
  }
  refuseTaken(directory)
  return { directory, name: chosen }
}
