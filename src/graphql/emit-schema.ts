import 'reflect-metadata';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { projectRoot } from '../project-root.js';
import { createSchema } from './schema.js';

/** Where the API is written down for people, tools and reviews of changes. */
export const schemaFile = join(projectRoot, 'schema', 'schema.graphql');

/** The API as text, in an order that does not depend on the order of imports. */
export function renderSchema(): string {
  const head = '# Emitted from the code by `npm run schema`; change the code, not this file.\n\n';
  return `${head}${printSchema(lexicographicSortSchema(createSchema()))}\n`;
}

/** Writes the file, or with `--check` only says whether it is current. */
function emitSchema(check: boolean): void {
  const text = renderSchema();
  const current = existsSync(schemaFile) && readFileSync(schemaFile, 'utf8') === text;
  if (check && !current) {
    process.stderr.write('schema/schema.graphql is not what the code says. Run `npm run schema` and commit it.\n');
    process.exitCode = 1;
  }
  if (!check && !current) writeFileSync(schemaFile, text);
}

if (require.main === module) emitSchema(process.argv.includes('--check'));
