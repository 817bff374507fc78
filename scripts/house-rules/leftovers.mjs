import { breachesOf } from './source-file.mjs'

// Put together here, so that this file does not breach its own rules.
const spell = (...parts) => parts.join('')
const markers = [spell('TO', 'DO'), spell('FIX', 'ME'), 'X'.repeat(3)]
const markerPattern = new RegExp(`\\b(${markers.join('|')})\\b`, 'g')
const suppression = spell('@ts-', 'ignore')
const focused = spell('.on', 'ly(')

export const noMarkers = {
  name: 'no-marker',
  check: (files) =>
    files.flatMap((file) =>
      breachesOf(file, file.text, markerPattern, (word) => `"${word}": do it, or file it`),
    ),
  bad: markers.map((word) => ({ 'packages/core/src/a.ts': `// ${word}: later\n` })),
  good: [{ 'packages/core/src/a.ts': "mkdtemp('a-XXXXXX')\n" }],
}

export const noFocus = {
  name: 'no-focused-test',
  check: (files) =>
    files
      .filter(({ place }) => place === 'test')
      .flatMap((file) =>
        breachesOf(file, file.code, /\.only\s*\(/g, () => 'the other tests do not run'),
      ),
  bad: [{ 'packages/core/test/a.test.ts': `it${focused}'a', run)\n` }],
  good: [{ 'packages/core/test/a.test.ts': `// it${focused}'a', run)\nit('a', run)\n` }],
}

export const noSuppression = {
  name: 'no-suppressed-error',
  check: (files) =>
    files
      .filter(({ ast }) => ast !== null)
      .flatMap((file) =>
        breachesOf(file, file.text, new RegExp(suppression, 'g'), () => 'state the error instead'),
      ),
  bad: [{ 'packages/core/src/a.ts': `// ${suppression}\nconst a: string = 1\n` }],
  good: [{ 'packages/core/test/a.test.ts': '// @ts-expect-error\nconst a: string = 1\n' }],
}
