import { createHash } from 'node:crypto';
import { BlockList, isIP } from 'node:net';
import type Stripe from 'stripe';

/** Marks the endpoints that a gateway made, so that it never touches another's. */
export const MADE_BY = { made_by: 'graphql-billing-gateway' };

export type Endpoint = Pick<
  Stripe.WebhookEndpoint,
  'id' | 'url' | 'status' | 'enabled_events' | 'api_version' | 'created' | 'metadata'
>;

export interface WantedEndpoint {
  url: string;
  events: readonly string[];
  version: string;
  /** The signing secrets that the settings hold. */
  secrets: readonly string[];
}

export interface FoundEndpoints {
  /** The newest enabled one of the address; null when there is none. */
  used: Endpoint | null;
  /** Whether the settings hold its secret. Stripe shows it only once: unknown where no fingerprint was kept of it. */
  secret: 'set' | 'missing' | 'unknown';
  /** Other enabled ones of the address: each event comes once more by each of them. */
  older: Endpoint[];
  disabled: Endpoint[];
  /** Made by a gateway at another address: this one before it moved, or another one. */
  elsewhere: Endpoint[];
}

/** Tells later, without the secret, whether the settings hold it. */
export const fingerprintOf = (secret: string) => ({
  secret_sha256: createHash('sha256').update(secret).digest('hex').slice(0, 16),
});

/** What each endpoint is to the gateway; `there` is in Stripe's order, newest first. */
export function sortEndpoints({ url, secrets }: WantedEndpoint, there: readonly Endpoint[]): FoundEndpoints {
  const here = there.filter((endpoint) => endpoint.url === url);
  const [used = null, ...older] = here.filter(({ status }) => status === 'enabled');
  const kept = used?.metadata.secret_sha256;
  const held = secrets.some((secret) => fingerprintOf(secret).secret_sha256 === kept);
  return {
    used,
    secret: kept === undefined ? 'unknown' : held ? 'set' : 'missing',
    older,
    disabled: here.filter(({ status }) => status !== 'enabled'),
    elsewhere: there.filter((endpoint) => endpoint.url !== url && endpoint.metadata.made_by === MADE_BY.made_by),
  };
}

/** `rotate`: its API version is another, and Stripe sets that at creation only. */
export type ProvisionStep =
  { kind: 'create' } | { kind: 'none' | 'update' | 'rotate'; endpoint: Endpoint; changes: string[] };

export function planProvision({ events, version }: WantedEndpoint, found: FoundEndpoints): ProvisionStep {
  const endpoint = found.used ?? found.disabled.find(({ api_version }) => api_version === version);
  if (!endpoint) return { kind: 'create' };
  const changes = [
    ...(endpoint.status === 'enabled' ? [] : ['enable it']),
    ...events.filter((type) => !endpoint.enabled_events.includes(type)).map((type) => `add ${type}`),
    ...endpoint.enabled_events.filter((type) => !events.includes(type)).map((type) => `leave out ${type}`),
  ];
  if (endpoint.api_version !== version) return { kind: 'rotate', endpoint, changes };
  return { kind: changes.length > 0 ? 'update' : 'none', endpoint, changes };
}

/** What nothing is lost without: older ones only once the settings hold the secret of the one that stays. */
export const prunable = ({ secret, older, disabled }: FoundEndpoints): Endpoint[] =>
  secret === 'set' ? [...older, ...disabled] : disabled;

const inside = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  inside.addSubnet(network, bits, 'ipv4');
inside.addSubnet('::', 127, 'ipv6');
inside.addSubnet('fc00::', 7, 'ipv6');
inside.addSubnet('fe80::', 10, 'ipv6');

/** Why Stripe itself cannot deliver there; null when it may. */
export function whyUnreachable(address: string, livemode: boolean): string | null {
  const { protocol, hostname } = new URL(address);
  const host = hostname.replace(/^\[|\]$/g, '');
  const family = isIP(host);
  const local =
    family === 0
      ? !host.includes('.') || /\.(localhost|local|internal)\.?$/.test(host)
      : inside.check(host, family === 6 ? 'ipv6' : 'ipv4');
  if (local) return `${host} is known to this machine or network alone`;
  return livemode && protocol !== 'https:' ? 'live events are delivered over https only' : null;
}
