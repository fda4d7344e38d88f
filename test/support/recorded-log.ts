import type { Log } from '../../src/ports';

export interface RecordedLog extends Log {
  lines: { level: 'debug' | 'info' | 'warn' | 'error'; fields: object; message: string }[];
}

/** Keeps what is logged, for a test to look at. */
export function createRecordedLog(): RecordedLog {
  const lines: RecordedLog['lines'] = [];
  return {
    lines,
    debug: (fields, message) => void lines.push({ level: 'debug', fields, message }),
    info: (fields, message) => void lines.push({ level: 'info', fields, message }),
    warn: (fields, message) => void lines.push({ level: 'warn', fields, message }),
    error: (fields, message) => void lines.push({ level: 'error', fields, message }),
  };
}
