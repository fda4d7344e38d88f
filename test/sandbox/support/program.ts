import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const MAIN = join(__dirname, '..', '..', '..', 'dist', 'sandbox', 'main.js');

export interface Ready {
  sandbox: 'ready';
  url: string;
  port: number;
  state: string | null;
  pid: number;
}

export interface Program {
  ready: Ready;
  child: ChildProcess;
  /** Resolves with exit code and signal. */
  ended: Promise<{ code: number | null; signal: string | null; stderr: string }>;
}

/** The built program with these flags; resolves when it says that it is ready, rejects when it ends before. */
export async function runProgram(...flags: string[]): Promise<Program> {
  const child = spawn(process.execPath, [MAIN, ...flags], { stdio: ['pipe', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<{ code: number | null; signal: string | null; stderr: string }>((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, stderr })),
  );
  const line = new Promise<string>((resolve) => createInterface(child.stdout).once('line', resolve));
  const first = await Promise.race([line, ended]);
  if (typeof first !== 'string') throw Object.assign(new Error(first.stderr), first);
  return { ready: JSON.parse(first) as Ready, child, ended };
}
