const dumps = /(^|\/)(utils?|types?|helpers?)\.m?[jt]s$/

export const fileNames = {
  name: 'file-name',
  check: (files) =>
    files
      .filter(({ path }) => dumps.test(path))
      .map(({ path }) => ({ path, line: 1, detail: 'name the file after the one thing in it' })),
  bad: [
    { 'packages/core/src/utils.ts': '' },
    { 'packages/core/src/contracts/types.ts': '' },
    { 'packages/core/test/helpers.ts': '' },
  ],
  good: [{ 'packages/core/src/job-types.ts': '' }],
}
