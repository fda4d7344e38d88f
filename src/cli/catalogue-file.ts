import { existsSync, readFileSync } from 'node:fs';
import { parsePlansFile, type PlansFile, PlansFileError } from '../plans/plans-file.js';
import { CommandFailed, exitCodes } from './exit.js';

/** Throws CommandFailed when there is none or it names no plan, and with every problem of one that cannot be used. */
export function readCatalogueFile(path: string): PlansFile {
  if (!existsSync(path))
    throw new CommandFailed(`There is no ${path}. Write one with \`billing catalog pull\`.`, exitCodes.usage);
  try {
    const file = parsePlansFile(readFileSync(path, 'utf8'), path);
    if (Object.keys(file.plans).length === 0)
      throw new PlansFileError(path, ['plans: there is none; name at least one']);
    return file;
  } catch (thrown) {
    if (thrown instanceof PlansFileError) throw new CommandFailed(thrown.message, exitCodes.usage);
    throw thrown;
  }
}
