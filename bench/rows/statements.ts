import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT, type Row } from '../stage.js';

const PAGES = [
  { what: 'SQL statements of the pricing page', operation: 'plans', most: 6 },
  { what: 'SQL statements of the billing page', operation: 'billing-page', most: 12 },
];

export const statements: Row = {
  name: 'statements',
  meaning: 'SQL statements of the pricing page and the billing page',
  async measure({ gateway, port, authorization }) {
    const headers = { 'content-type': 'application/json', authorization: await authorization('acme') };
    const lines = [];
    for (const { what, operation, most } of PAGES) {
      const query = readFileSync(join(PROJECT, 'schema', 'operations', `${operation}.graphql`), 'utf8');
      await gateway.ask('count');
      const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ query }),
      });
      const { errors } = (await response.json()) as { errors?: unknown };
      if (errors) throw new Error(`The ${operation} document failed: ${JSON.stringify(errors)}`);
      const count = await gateway.ask<number>('counted');
      lines.push({ what, load: '1 request', ours: { figure: String(count) }, baseline: '', goal: `<= ${most}` });
    }
    return lines;
  },
};
