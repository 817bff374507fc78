/** A program that imports every entry of a package, and prints the names that each exports as JSON. */
export function importProgram(specifiers: readonly string[]): string {
  return program(specifiers, (name, specifier) => `import * as ${name} from '${specifier}'`)
}

/** The same as CommonJS. */
export function requireProgram(specifiers: readonly string[]): string {
  return program(specifiers, (name, specifier) => `import ${name} = require('${specifier}')`)
}

function program(
  specifiers: readonly string[],
  bring: (name: string, specifier: string) => string,
): string {
  const lines = specifiers.map((specifier, index) => bring(`entry${index}`, specifier))
  const names = specifiers.map((_, index) => `Object.keys(entry${index})`)
  return `${[...lines, `console.log(JSON.stringify([${names.join(', ')}]))`].join('\n')}\n`
}
