import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of package.json, from which files that are not compiled are read; the same for the sources and for `dist`. */
export const projectRoot = findUpwards(__dirname);

function findUpwards(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder)
    throw new Error(`There is no package.json above ${__dirname}; the installation is incomplete.`);
  return findUpwards(parent);
}
