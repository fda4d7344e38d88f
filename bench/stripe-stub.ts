import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startSandbox } from '../sandbox/start-sandbox.js';
import { accountIdOf } from '../src/accounts/account.js';
import { SUBSCRIPTION_EXPANDS } from '../src/subscriptions/subscription.fetch.js';
import { tenant } from './backlog.js';
import { answerQuestions } from './child.js';
import { copied, copyOf, type TemplateIds } from './template-ids.js';

/**
 * A Stripe that costs nothing: one customer with a subscription is made at a real sandbox, and any number of copies of
 * her are answered from memory. Whoever asks for a subscription by its id finds it changed. What is not hers goes to the sandbox.
 */
async function main(): Promise<void> {
  const sandbox = await startSandbox({ catalogue: 'sample' });
  const { ids, texts } = await createTemplate(sandbox.url);
  let calls = 0;
  let delayMs = 0;
  const ending = new Set<number>();

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://stub');
    const found = bodyOf(texts, pathname, searchParams.get('customer'));
    if (found === undefined) return void passOn(sandbox.url, request.url ?? '/').then((text) => response.end(text));
    calls += 1;
    response.setHeader('content-type', 'application/json');
    // Flipped then, so that there is always something to write.
    if (found.named && !ending.delete(found.n)) ending.add(found.n);
    const changed = found.text.replace(
      /"cancel_at_period_end":false/g,
      `"cancel_at_period_end":${ending.has(found.n)}`,
    );
    if (delayMs === 0) response.end(changed);
    else setTimeout(() => response.end(changed), delayMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  answerQuestions({
    ready: () => ({ url: `http://127.0.0.1:${port}`, ids }),
    delay: (ms) => void (delayMs = ms as number),
    calls: () => calls,
  });
}

interface Texts {
  customer: string;
  subscription: string;
}

const list = (items: string) => `{"object":"list","has_more":false,"url":"/v1","data":[${items}]}`;

function bodyOf(
  texts: Texts,
  path: string,
  customer: string | null,
): { n: number; named: boolean; text: string } | undefined {
  const [, , collection = '', id = '', rest] = path.split('/');
  const n = copyOf(id) ?? copyOf(customer ?? '');
  if (n === undefined) return undefined;
  const answer = (text: string) => ({
    n,
    named: collection === 'subscriptions' && id !== '',
    text: copied(text, n, accountIdOf(tenant(n))),
  });
  if (rest !== undefined) return answer(list(''));
  if (collection === 'customers') return answer(texts.customer);
  if (collection !== 'subscriptions') return answer(list(''));
  return answer(id === '' ? list(texts.subscription) : texts.subscription);
}

async function passOn(url: string, path: string): Promise<string> {
  return (await fetch(url + path, { headers: { authorization: 'Bearer sk_test_bench' } })).text();
}

async function createTemplate(url: string): Promise<{ ids: TemplateIds; texts: Texts }> {
  const ask = async (path: string, form?: Record<string, string>) => {
    const response = await fetch(`${url}/v1/${path}`, {
      headers: { authorization: 'Bearer sk_test_bench', 'content-type': 'application/x-www-form-urlencoded' },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`The sandbox answered ${response.status} to ${path}: ${text}`);
    return { text: JSON.stringify(JSON.parse(text)), id: (JSON.parse(text) as { id: string }).id };
  };
  const owner = { 'metadata[account_id]': accountIdOf(tenant(0)) };
  const customer = await ask('customers', { email: 'bench@example.com', ...owner });
  const prices = JSON.parse((await ask('prices?limit=1&type=recurring')).text) as { data: { id: string }[] };
  const subscription = await ask('subscriptions', {
    customer: customer.id,
    'items[0][price]': prices.data[0]?.id ?? '',
    collection_method: 'send_invoice',
    days_until_due: '30',
    ...owner,
  });
  const expand = (paths: string[]) => paths.map((path) => `expand[]=${path}`).join('&');
  return {
    ids: { customer: customer.id, subscription: subscription.id },
    texts: {
      customer: (await ask(`customers/${customer.id}?${expand(['tax_ids', 'tax'])}`)).text,
      subscription: (await ask(`subscriptions/${subscription.id}?${expand(SUBSCRIPTION_EXPANDS)}`)).text,
    },
  };
}

void main();
