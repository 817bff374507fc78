/** Ends this process: the command's last act. */
export function exitProcess(code: number): never {
  process.exit(code)
}
