import type { Command } from 'commander';
import type Stripe from 'stripe';
import { asJob } from '../stripe/patience.js';
import { planProvision, prunable } from '../webhooks/endpoint-plan.js';
import { confirm } from './confirm.js';
import { CommandFailed, exitCodes } from './exit.js';
import { openStripe } from './system-ports.js';
import { renderTable } from './table.js';
import { createEndpoint, ids, listEndpoints, look, readConfig, removeEndpoints, say } from './webhook-endpoints.js';

interface WebhooksOptions {
  json?: boolean;
  dryRun?: boolean;
  retire?: boolean;
  apply?: boolean;
  yes?: boolean;
}

export function addWebhooksCommand(program: Command): void {
  const webhooks = program
    .command('webhooks')
    .description('The endpoint at Stripe that delivers to this gateway, at PUBLIC_URL.')
    .helpCommand(false);
  const add = (name: string, text: string, run: (options: WebhooksOptions) => Promise<void>, more: string) =>
    webhooks
      .command(name)
      .description(text)
      .option('--json', 'print the result as JSON')
      .addHelpText('after', more)
      .action((options: WebhooksOptions) => asJob(() => run(options)));
  add(
    'provision',
    'Make the endpoint, or bring its event types to what this version acts on. Doing it twice changes nothing.',
    runProvision,
    `
A new endpoint has a signing secret, which is printed this once: add it to STRIPE_WEBHOOK_SECRETS.
Exit code 3 when its API version is another one; Stripe cannot change that, \`rotate\` can.

Examples:
  billing webhooks provision --dry-run
  billing webhooks provision`,
  ).option('--dry-run', 'only tell what would be done');
  add(
    'rotate',
    'Make a second endpoint with another secret; with --retire, remove the older ones.',
    runRotate,
    `
The secret is printed this once: set STRIPE_WEBHOOK_SECRETS=<new>,<old>, restart each gateway, and
retire the older endpoint. Until then each event comes twice and is taken in once; before the
restart the second delivery is refused, which the log tells, and Stripe repeats it.

Examples:
  billing webhooks rotate
  billing webhooks rotate --retire`,
  )
    .option('--retire', 'remove the older ones; refused until the settings hold the new secret')
    .option('-y, --yes', 'do not ask');
  add(
    'prune',
    'List endpoints of this address that are disabled or no longer used. Changes nothing without --apply.',
    runPrune,
    '\nExamples:\n  billing webhooks prune\n  billing webhooks prune --apply',
  ).option('--apply', 'remove them');
  add(
    'snapshot',
    'List all endpoints at Stripe; never their secrets.',
    runSnapshot,
    '\nExamples:\n  billing webhooks snapshot\n  billing webhooks snapshot --json',
  );
}

async function runProvision({ json, dryRun }: WebhooksOptions): Promise<void> {
  const looked = await look();
  const { stripe, wanted, used, secret, older } = looked;
  const step = planProvision(wanted, looked);
  if (step.kind === 'create') {
    if (!dryRun) return createEndpoint(looked, json);
    return say(json, { state: 'to do', step: 'create', url: wanted.url }, [
      `To do: make an endpoint for ${wanted.url}.`,
    ]);
  }
  const { kind, endpoint, changes } = step;
  const { id } = endpoint;
  if (kind === 'rotate')
    throw new CommandFailed(
      `${id} delivers in API version ${endpoint.api_version ?? "of the account's default"}, this gateway reads ` +
        `${wanted.version}, and Stripe sets it at creation only. Run \`billing webhooks rotate\`.`,
      exitCodes.drift,
    );
  if (kind === 'update' && !dryRun)
    await stripe.webhookEndpoints.update(id, {
      disabled: false,
      enabled_events: wanted.events as Stripe.WebhookEndpointUpdateParams.EnabledEvent[],
    });
  const state = dryRun && kind === 'update' ? 'to do' : 'done';
  say(json, { state, step: kind, id, url: wanted.url, changes, secret, older: older.map((one) => one.id) }, [
    ...(kind === 'none' ? [`${id} delivers to ${wanted.url} what it should.`] : [`${id}, ${state}:`]),
    ...changes.map((text) => `  ${text}`),
    ...(used && secret === 'missing' ? [`STRIPE_WEBHOOK_SECRETS does not hold the secret of ${id}.`] : []),
    ...(older.length > 0
      ? [`Older ones deliver too: ${ids(older)}. Run \`billing webhooks rotate --retire\` to remove them.`]
      : []),
  ]);
}

async function runRotate({ json, retire, yes }: WebhooksOptions): Promise<void> {
  const looked = await look();
  const { stripe, wanted, used, older, secret } = looked;
  if (used === null)
    throw new CommandFailed(`No enabled endpoint delivers to ${wanted.url}. Run \`billing webhooks provision\`.`);
  if (!retire) {
    const text = `${used.id} is newer than ${ids(older)} already: \`rotate --retire\` ends that.\nMake one more?`;
    if (older.length > 0 && !yes) await confirm({ text, asker: 'One more endpoint', refused: 'Nothing was made.' });
    return createEndpoint(looked, json);
  }
  const removed = older.map(({ id }) => id);
  if (removed.length === 0)
    return say(json, { state: 'done', used: used.id, removed }, [
      `${used.id} is the only one that delivers to ${wanted.url}.`,
    ]);
  if (secret === 'missing')
    throw new CommandFailed(
      `STRIPE_WEBHOOK_SECRETS does not hold the secret of ${used.id}, the newest: without ${ids(older)} no delivery ` +
        'could be verified. Add it and restart each gateway first; if it is lost, make another by `billing webhooks rotate --yes`.',
      exitCodes.usage,
    );
  if (planProvision(wanted, looked).kind !== 'none')
    throw new CommandFailed(
      `${used.id}, the newest, does not deliver what it should. Run \`billing webhooks provision\` first.`,
      exitCodes.drift,
    );
  if (secret === 'unknown' && !yes) {
    const text = `Whether STRIPE_WEBHOOK_SECRETS holds the secret of ${used.id} cannot be told.\nRemove ${ids(older)}?`;
    await confirm({ text, asker: 'To retire older endpoints', refused: 'Nothing was removed.' });
  }
  await removeEndpoints(stripe, older);
  say(json, { state: 'done', used: used.id, removed }, [
    `Removed: ${ids(older)}. ${used.id} stays; leave the old secret out of STRIPE_WEBHOOK_SECRETS.`,
  ]);
}

async function runPrune({ json, apply }: WebhooksOptions): Promise<void> {
  const looked = await look();
  const { stripe, wanted, used, older, elsewhere } = looked;
  const gone = prunable(looked);
  const waiting = older.filter((endpoint) => !gone.includes(endpoint));
  if (apply) await removeEndpoints(stripe, gone);
  const state = apply ? 'done' : 'to do';
  const named = { remove: gone, waiting, elsewhere };
  const shown = Object.fromEntries(Object.entries(named).map(([key, all]) => [key, all.map(({ id }) => id)]));
  say(json, { state, used: used?.id ?? null, ...shown }, [
    gone.length > 0
      ? `${apply ? 'Removed' : 'To remove, with --apply'}: ${ids(gone)}.`
      : `Nothing to remove at ${wanted.url}.`,
    ...(waiting.length > 0
      ? [`Left until the settings hold the secret of ${used?.id}: ${ids(waiting)}. See \`rotate --retire\`.`]
      : []),
    ...elsewhere.map(({ id, url }) => `Left alone, another gateway's or this one's before it moved: ${id} ${url}`),
  ]);
}

async function runSnapshot({ json }: WebhooksOptions): Promise<void> {
  const rows = (await listEndpoints(openStripe(await readConfig()))).map(
    ({ id, url, status, enabled_events: events, api_version: version, created }) => ({
      ...{ id, url, status, events, version },
      created: new Date(created * 1_000).toISOString(),
    }),
  );
  const cells = rows.map(({ id, url, status, events, version, created }) => {
    const count = events.includes('*') ? 'all' : String(events.length);
    return [id, status, created.slice(0, 10), count, version ?? 'default', url];
  });
  say(json, rows, [
    rows.length > 0
      ? renderTable(['ID', 'STATUS', 'CREATED', 'EVENTS', 'VERSION', 'URL'], cells)
      : 'There are no endpoints at Stripe.',
  ]);
}
