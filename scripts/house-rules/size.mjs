const caps = { src: 250, other: 250, test: 400 }
const medianCap = 80
const counted = /\.(ts|mts|mjs|js|sh|lua)$/

/** The median length of the sources, in lines; 0 without sources. */
export function medianOfSources(files) {
  const counts = files.filter(({ place }) => place === 'src').map(({ lineCount }) => lineCount)
  counts.sort((a, b) => a - b)
  const middle = counts.length >> 1
  if (counts.length === 0) return 0
  return counts.length % 2 === 1 ? counts[middle] : (counts[middle - 1] + counts[middle]) / 2
}

const lines = (count) => 'const line = 1\n'.repeat(count)

export const fileLength = {
  name: 'file-length',
  check: (files) =>
    files
      .filter(({ path, place, lineCount }) => counted.test(path) && lineCount > caps[place])
      .map(({ path, place, lineCount }) => ({
        path,
        line: caps[place] + 1,
        detail: `${lineCount} lines, at most ${caps[place]}`,
      })),
  bad: [
    { 'packages/core/src/long.ts': lines(251) },
    { 'packages/core/test/long.test.ts': lines(401) },
    { 'scripts/long.mjs': lines(251) },
  ],
  good: [{ 'packages/core/src/full.ts': lines(250), 'packages/core/test/a.test.ts': lines(400) }],
}

export const medianLength = {
  name: 'median-length',
  check: (files) => {
    const median = medianOfSources(files)
    if (median <= medianCap) return []
    return [{ path: 'packages', line: 1, detail: `median ${median} lines, at most ${medianCap}` }]
  },
  bad: [{ 'packages/core/src/a.ts': lines(70), 'packages/core/src/b.ts': lines(100) }],
  good: [{ 'packages/core/src/a.ts': lines(60), 'packages/core/src/b.ts': lines(100) }],
}
