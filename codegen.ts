import 'reflect-metadata';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { codegen } from '@graphql-codegen/core';
import * as typedDocumentNode from '@graphql-codegen/typed-document-node';
import * as typescriptOperations from '@graphql-codegen/typescript-operations';
import { parse, printSchema } from 'graphql';
import { createSchema } from './src/graphql/schema.js';
import { projectRoot } from './src/project-root.js';

const operationsFolder = join(projectRoot, 'schema', 'operations');
const generatedFile = join(projectRoot, 'test', 'generated', 'operations.ts');

/** How the scalars travel in JSON. */
const scalars = {
  DateTime: 'string',
  SafeInt: 'number',
  Decimal: 'string',
  CurrencyCode: 'string',
  CountryCode: 'string',
  Locale: 'string',
  URL: 'string',
  EmailAddress: 'string',
  JSONObject: 'Record<string, unknown>',
};

/** Typed documents for every operation in schema/operations. Throws when one of them does not fit the schema. */
async function renderOperations(): Promise<string> {
  const files = readdirSync(operationsFolder).filter((file) => file.endsWith('.graphql'));
  const documents = files.sort().map((file) => ({
    location: file,
    document: parse(readFileSync(join(operationsFolder, file), 'utf8')),
  }));
  const text = await codegen({
    filename: generatedFile,
    schema: parse(printSchema(createSchema())),
    documents,
    config: { scalars, strictScalars: true, useTypeImports: true, enumType: 'string-literal' },
    plugins: [{ operations: {} }, { documents: {} }],
    pluginMap: { operations: typescriptOperations, documents: typedDocumentNode },
  });
  return `// Generated from schema/operations by \`npm run codegen\`; change those, not this file.\n${text}`;
}

/** Writes the typed documents, or with `--check` only says whether they are current. */
async function main(check: boolean): Promise<void> {
  const text = await renderOperations();
  const current = existsSync(generatedFile) && readFileSync(generatedFile, 'utf8') === text;
  if (check && !current)
    throw new Error('test/generated/operations.ts is not current. Run `npm run codegen` and commit it.');
  if (current) return;
  mkdirSync(dirname(generatedFile), { recursive: true });
  writeFileSync(generatedFile, text);
}

main(process.argv.includes('--check')).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
