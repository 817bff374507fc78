import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Choices } from './choices.ts'
import { layersOf } from './layers.ts'
import { manifest } from './manifest.ts'
import { serviceName } from './project-name.ts'
import { readme } from './readme/readme.ts'
import { unit } from './unit.ts'

/** The files of a project: each text by its path, which has `/` between its parts. */
export type ProjectFiles = ReadonlyMap<string, string>

/** What npm would not publish, or tools would take for their own, has another name in templates/. */
const renamed: Readonly<Record<string, string>> = {
  gitignore: '.gitignore',
  dockerignore: '.dockerignore',
  'project.tsconfig.json': 'tsconfig.json',
}

/** Puts a project together, from the templates in that folder. Writes nothing. */
export function projectFiles(choices: Choices, templates: string): ProjectFiles {
  const files = new Map<string, string>()
  for (const layer of layersOf(choices)) {
    for (const path of filesIn(join(templates, layer))) {
      files.set(renamed[path] ?? path, readFileSync(join(templates, layer, path), 'utf8'))
    }
  }
  files.set('package.json', manifest(choices))
  files.set('README.md', readme(choices))
  if (choices.host === 'systemd') {
    files.set(`systemd/${serviceName(choices.name)}@.service`, unit(choices))
  }
  return new Map([...files].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function filesIn(folder: string): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
}
