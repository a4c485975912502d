/** Lines for main's log: it adds the time and keeps the file. Fields first, then the sentence, as pino has it. */
export const lineLog = {
  info: (fields: object, message: string) => write('info', fields, message),
  warn: (fields: object, message: string) => write('warn', fields, message),
  error: (fields: object, message: string) => write('error', fields, message),
}

function write(level: string, fields: object, message: string): void {
  process.stdout.write(`${level} ${message}${told(fields)}\n`)
}

function told(fields: object): string {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined)
  return entries.length === 0 ? '' : ` ${JSON.stringify(Object.fromEntries(entries), errorsToo)}`
}

/** JSON leaves an Error empty. */
function errorsToo(_key: string, value: unknown): unknown {
  return value instanceof Error ? (value.stack ?? value.message) : value
}
