import { defineConfig, type Options } from 'tsup'

/** The only bundler settings of the workspace; a package adds its entries. */
export function bundle(entry: Record<string, string>): ReturnType<typeof defineConfig> {
  const options: Options = {
    entry,
    format: 'esm',
    target: 'node20',
    platform: 'node',
    dts: { compilerOptions: { customConditions: [] } },
    clean: true,
    sourcemap: true,
    splitting: true,
    treeshake: true,
  }
  return defineConfig(options)
}
