import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { type Case, type Genuine, signed } from './forged-signatures.js';

/** The right signature over something else. */
export function bodies(genuine: Genuine): Case[] {
  const { body } = genuine;
  const text = body.toString();
  const json = JSON.parse(text) as Record<string, unknown>;
  const flipped = (at: number) => {
    const copy = Buffer.from(body);
    copy[at] = (copy[at] ?? 0) ^ 1;
    return copy;
  };
  const made: [string, Buffer | string][] = [
    ...[0, 1, Math.floor(body.length / 2), body.length - 2, body.length - 1].map((at): [string, Buffer] => [
      `bit 0 of byte ${at} turned`,
      flipped(at),
    ]),
    ...['\n', '\r\n', ' ', '\0', '{}', '//'].map((more): [string, string] => [
      `${JSON.stringify(more)} behind it`,
      text + more,
    ]),
    ...['\n', ' ', '\0', '\ufeff'].map((more): [string, string] => [
      `${JSON.stringify(more)} in front of it`,
      more + text,
    ]),
    ['it written anew, with blanks', JSON.stringify(json, null, 2)],
    ['it written anew, without', JSON.stringify(json)],
    ['its keys in another order', JSON.stringify(Object.fromEntries(Object.entries(json).reverse()))],
    [
      'its letters escaped',
      text
        .replace(/[^\x20-\x7e]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
        .replace('customer', '\\u0063ustomer'),
    ],
    [
      'another amount',
      JSON.stringify({ ...json, data: { object: { object: 'customer', id: 'cus_1', balance: -100_000 } } }),
    ],
    ['another id', JSON.stringify({ ...json, id: 'evt_other' })],
    ['another type', JSON.stringify({ ...json, type: 'invoice.paid' })],
    ['it as UTF-16', Buffer.from(text, 'utf16le')],
    ['it as Latin-1', Buffer.from(text, 'latin1')],
    ['its last byte missing', body.subarray(0, -1)],
    ['its first byte missing', body.subarray(1)],
    ['half of it', body.subarray(0, body.length / 2)],
    ['it twice', Buffer.concat([body, body])],
    ['nothing', ''],
    ['it as a JSON text', JSON.stringify(text)],
    ['it in a list', `[${text}]`],
    ['it as base64', body.toString('base64')],
    ['it as a form', `payload=${encodeURIComponent(text)}`],
    ['it packed', gzipSync(body)],
    ['it deflated', deflateSync(body)],
    ['it by brotli', brotliCompressSync(body)],
  ];
  return made.map(([what, other]) => [
    `the right signature over another body: ${what}`,
    { ...signed(genuine), body: Buffer.from(other as string) },
  ]);
}

/** Signed with our secret, and no event of ours. */
export function misfits(genuine: Genuine): Case[] {
  const json = JSON.parse(genuine.body.toString()) as Record<string, unknown>;
  const differing: object[] = [
    ...[true, 'false', null, 0].map((livemode) => ({ livemode })),
    ...['acct_1', 'acct_other'].map((account) => ({ account })),
    ...[
      '',
      'cus_1',
      'evt',
      'evt_',
      "evt_' OR 1=1 --",
      'evt_/../x',
      'evt_a b',
      'evt_é',
      `evt_${'x'.repeat(300)}`,
      1,
      null,
      {},
      [],
    ].map((id) => ({ id })),
    ...['', 'UPPER.CASE', 'with blank', "a'b", 1, null, {}, []].map((type) => ({ type })),
    ...['1800000000', 1.5, null, {}, 'now'].map((created) => ({ created })),
    ...[null, [], {}, 'text', { object: null }, { object: 'cus_1' }, { object: [] }].map((data) => ({ data })),
    ...['v2.core.event', 'customer', null].map((object) => ({ object })),
  ];
  const texts = [
    '',
    ' ',
    '{',
    '[]',
    '1',
    'null',
    'true',
    '"text"',
    'undefined',
    '<xml/>',
    '['.repeat(20_000),
    '{"id":"evt_1"}',
  ];
  const all: [string, Buffer][] = [
    ...differing.map((differs): [string, Buffer] => [
      JSON.stringify(differs).slice(0, 60),
      Buffer.from(JSON.stringify({ ...json, ...differs })),
    ]),
    ...texts.map((text): [string, Buffer] => [`the body ${text.slice(0, 20)}`, Buffer.from(text)]),
  ];
  return all.map(([what, body]) => [`signed, but ${what}`, signed({ ...genuine, body })]);
}

/** Right but for how it is sent. */
export function transports(genuine: Genuine): Case[] {
  const good = signed(genuine);
  const { body } = genuine;
  const [[, value]] = good.headers as [[string, string]];
  const large = Buffer.concat([body, Buffer.alloc(600_000, ' ')]);
  return [
    ...['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'].map((method): Case => [
      `the method ${method}`,
      { ...good, method },
    ]),
    ...[
      '/webhooks/stripe/',
      '/webhooks/Stripe',
      '//webhooks/stripe',
      '/webhooks',
      '/webhooks/stripe/../x',
      '/webhooks%2fstripe',
    ].map((path): Case => [`the path ${path}`, { ...good, path }]),
    ['the header twice, both right', { body, headers: [...good.headers, ...good.headers] }],
    ['the header twice, the second wrong', { body, headers: [...good.headers, ['Stripe-Signature', 't=1,v1=x']] }],
    [
      'the header twice, the first empty',
      { body, headers: [['Stripe-Signature', ''], ['stripe-signature', value], ...good.headers] },
    ],
    ['the signature in another header', { body, headers: [['X-Stripe-Signature', value]] }],
    ['the signature in a cookie', { body, headers: [['Cookie', `Stripe-Signature=${value}`]] }],
    [
      'the signature in the address',
      { body, headers: [], path: `/webhooks/stripe?Stripe-Signature=${encodeURIComponent(value)}` },
    ],
    ['a header with a line break in it', { body, headers: [['Stripe-Signature', value.replace(',', ',\r\n ')]] }],
    ['a header with NUL in it', { body, headers: [['Stripe-Signature', `${value}\0`]] }],
    [
      'a packed body that is said to be one',
      { body: gzipSync(body), headers: [...good.headers, ['Content-Encoding', 'gzip']] },
    ],
    ['a length and pieces at once', { ...good, headers: [...good.headers, ['Transfer-Encoding', 'chunked']] }],
    ['two lengths', { ...good, headers: [...good.headers, ['Content-Length', '1']] }],
    ['a length that is too short', { ...good, contentLength: body.length - 1 }],
    ['a length below zero', { ...good, contentLength: -1 }],
    ['a body above the limit, signed', signed({ ...genuine, body: large })],
    ['a header above the limit', { body, headers: [...good.headers, ['X-Long', 'y'.repeat(40_000)]] }],
  ];
}
