/** Ends the process. The only place that may. */
export type Exit = (code: number) => void

/** Ends this process. */
export const systemExit: Exit = (code) => process.exit(code)
