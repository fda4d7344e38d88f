import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../../src/cli/program.js';
import type { World } from './world.js';

/** The command line beside a world, with a `plans.yaml` of its own. */
export interface Commands {
  folder: string;
  file: string;
  run(...words: string[]): Promise<{ code: number; out: string; err: string }>;
  /** Replaces a part of the file that must be there. */
  edit(from: string, to: string): void;
  stop(): void;
}

export function startCommands({ config, sandbox }: World, settings: Record<string, string> = {}): Commands {
  const before = { ...process.env };
  const folder = mkdtempSync(join(tmpdir(), 'billing-commands-'));
  const file = join(folder, 'plans.yaml');
  Object.assign(process.env, {
    NODE_ENV: 'test',
    DATABASE_URL: config.databaseUrl,
    STRIPE_SECRET_KEY: 'sk_test_journey',
    STRIPE_API_BASE: sandbox.url,
    PLANS_FILE: file,
    ...settings,
  });
  // Either may be the one to look at a product, so both go by the same file.
  config.plansFile = file;
  let output = { out: '', err: '' };
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((output.out += String(text)), true));
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((output.err += String(text)), true));
  return {
    folder,
    file,
    async run(...words) {
      output = { out: '', err: '' };
      const code = await runProgram(['node', 'billing', ...words]);
      return { code, ...output };
    },
    edit(from, to) {
      const text = readFileSync(file, 'utf8');
      if (!text.includes(from)) throw new Error(`${from} is not in ${text}`);
      writeFileSync(file, text.replace(from, to));
    },
    stop() {
      jest.restoreAllMocks();
      process.env = before;
      rmSync(folder, { recursive: true });
    },
  };
}
