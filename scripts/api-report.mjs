#!/usr/bin/env node
// The public surface of every entry of every package, as committed text: a change to it is a change
// that a reviewer sees. Reads the built declarations, so `npm run build` comes first.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor'
import { packageFolders, readJson, root, temp } from './workspace.mjs'

const usage = `node scripts/api-report.mjs [--update]
  Compares the public surface of the built packages with etc/*.api.md; exits 1 with a diff when they differ.
  --update   writes etc/*.api.md anew`

/** Each entry that a package exports with types: its report's name and its built declarations. */
function entries() {
  return packageFolders(['packages']).flatMap((folder) =>
    Object.entries(readJson(join(root, folder, 'package.json')).exports)
      .filter(([, target]) => typeof target.types === 'string')
      .map(([subpath, target]) => ({
        name: [basename(folder), ...subpath.split('/').slice(1)].join('-'),
        folder: join(root, folder),
        declarations: join(root, folder, target.types),
      })),
  )
}

function configOf({ name, folder, declarations }) {
  const silent = { logLevel: ExtractorLogLevel.None }
  return ExtractorConfig.prepare({
    packageJsonFullPath: join(folder, 'package.json'),
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: declarations,
      newlineKind: 'lf',
      compiler: {
        overrideTsconfig: {
          compilerOptions: {
            target: 'es2023',
            lib: ['es2023', 'esnext.disposable'],
            module: 'nodenext',
            strict: true,
            exactOptionalPropertyTypes: true,
            skipLibCheck: true,
            types: ['node'],
          },
          files: [declarations],
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: name,
        reportFolder: join(temp, 'api', 'accepted'),
        reportTempFolder: join(temp, 'api'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.Warning, addToApiReportFile: true },
          // Everything that is exported is public; nothing is tagged as alpha or beta.
          'ae-missing-release-tag': silent,
          // Said beside each member; once more at the end, by line, it would change with every build.
          'ae-undocumented': silent,
        },
        // The reports are about names and types; docstrings are for people and editors.
        tsdocMessageReporting: { default: silent },
      },
    },
  })
}

/** The report's text; throws a sentence with the compiler's words when the declarations do not compile. */
function extract(entry) {
  if (!existsSync(entry.declarations)) {
    throw new Error(`${entry.declarations.slice(root.length + 1)} is missing: run "npm run build".`)
  }
  const errors = []
  const result = Extractor.invoke(configOf(entry), {
    localBuild: true,
    messageCallback: (message) => {
      message.handled = true
      if (message.logLevel === ExtractorLogLevel.Error) errors.push(message.text)
    },
  })
  if (errors.length > 0 || result.errorCount > 0) {
    throw new Error(`the declarations of ${entry.name} have errors:\n${errors.join('\n')}`)
  }
  return readFileSync(join(temp, 'api', `${entry.name}.api.md`), 'utf8')
}

/** What differs, in words, or null. */
function difference(name, text) {
  const committed = `etc/${name}.api.md`
  if (!existsSync(join(root, committed))) return `${committed} does not exist.`
  if (readFileSync(join(root, committed), 'utf8') === text) return null
  const diff = ['diff', '--no-index', '--no-color', '--', committed, `.temp/api/${name}.api.md`]
  return spawnSync('git', diff, { cwd: root, encoding: 'utf8' }).stdout
}

/** A sentence for each export without a docstring. */
function undocumented({ name, text }) {
  const exports = text.matchAll(/^\/\/ @public \(undocumented\)\n(?:export )?(.*)/gm)
  return [...exports].map((match) => `${name}: an export has no docstring: ${match[1]}`)
}

function run(update) {
  rmSync(join(temp, 'api'), { recursive: true, force: true })
  mkdirSync(join(temp, 'api', 'accepted'), { recursive: true })
  mkdirSync(join(root, 'etc'), { recursive: true })
  const reports = entries().map((entry) => ({ name: entry.name, text: extract(entry) }))
  const known = new Set(reports.map(({ name }) => `${name}.api.md`))
  const stale = readdirSync(join(root, 'etc')).filter(
    (file) => file.endsWith('.api.md') && !known.has(file),
  )
  if (update) {
    for (const { name, text } of reports) writeFileSync(join(root, `etc/${name}.api.md`), text)
    for (const file of stale) rmSync(join(root, 'etc', file))
    return console.log(`${reports.length} API reports written to etc/`)
  }
  const differences = [
    ...reports.map(({ name, text }) => difference(name, text)).filter((words) => words !== null),
    ...reports.flatMap(undocumented),
    ...stale.map((file) => `etc/${file} belongs to no entry.`),
  ]
  if (differences.length === 0) return console.log(`${reports.length} API reports are up to date`)
  console.log(differences.join('\n'))
  console.log('If a change of the surface is meant: "npm run api:update", and commit etc/.')
  process.exitCode = 1
}

const args = process.argv.slice(2)
if (args.length === 0 || (args.length === 1 && args[0] === '--update')) {
  try {
    run(args.length === 1)
  } catch (error) {
    console.log(error.message)
    process.exitCode = 1
  }
} else {
  const help = args[0] === '--help'
  const print = help ? console.log : console.error
  print(usage)
  process.exitCode = help ? 0 : 2
}
