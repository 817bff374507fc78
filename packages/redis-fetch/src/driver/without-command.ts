/** The client's errors hold what was sent, with passwords and payloads: nothing for a log. */
export function withoutCommand(error: unknown): unknown {
  if (error instanceof Error) delete (error as { command?: unknown }).command
  return error
}
