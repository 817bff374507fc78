import { sourceFile } from './source-file.mjs'

const load = (literals) => Object.entries(literals).map(([path, text]) => sourceFile(path, text))

/** Proves each rule on its own literal inputs; returns a sentence for each that behaves otherwise. */
export function selfTest(rules) {
  return rules.flatMap(({ name, check, bad, good }) => [
    ...bad
      .filter((literals) => check(load(literals)).length === 0)
      .map((literals) => `${name} does not fire on ${JSON.stringify(literals).slice(0, 160)}`),
    ...good
      .flatMap((literals) => check(load(literals)))
      .map(({ path, line, detail }) => `${name} fires on a good ${path}:${line} (${detail})`),
  ])
}
