import { createHash, createHmac } from 'node:crypto';

/** What is written to the socket; `headers` besides those of every request. */
export interface Sent {
  method?: string;
  path?: string;
  headers: [name: string, value: string][];
  body: Buffer;
  /** Instead of the true one; null sends none. */
  contentLength?: number | null;
}

/** What a forger may know, and what only Stripe and its owner do. */
export interface Genuine {
  secret: string;
  /** Seconds. */
  now: number;
  body: Buffer;
}

export type Case = [what: string, sent: Sent];

const hmac = (algorithm: string, key: string, ...parts: (string | Buffer)[]) =>
  parts.reduce((mac, part) => mac.update(part), createHmac(algorithm, key)).digest('hex');
const repeat = <Item>(count: number, item: Item): Item[] => Array.from({ length: count }, () => item);

/** Signed with the right secret for this time. */
const signatureOf = ({ secret, now, body }: Genuine, t: number | string = now) => hmac('sha256', secret, `${t}.`, body);
export const signed = (genuine: Genuine): Sent => ({
  headers: [['Stripe-Signature', `t=${genuine.now},v1=${signatureOf(genuine)}`]],
  body: genuine.body,
});

export function headers(genuine: Genuine): Case[] {
  const { now: t, body } = genuine;
  const v1 = signatureOf(genuine);
  const zeros = '0'.repeat(64);
  const texts: [string, string | null][] = [
    ...[
      '',
      ' ',
      ',',
      '=',
      ',,,,',
      '====',
      't',
      'v1',
      't=',
      'v1=',
      't=,v1=',
      'null',
      'undefined',
      '[object Object]',
    ].map((text): [string, string] => [`the header '${text}'`, text]),
    ['no header', null],
    ['a time alone', `t=${t}`],
    ['a signature alone', `v1=${v1}`],
    ['a comma at the end', `t=${t},v1=${v1},`],
    ['a comma in front', `,t=${t},v1=${v1}`],
    ['semicolons', `t=${t};v1=${v1}`],
    ['ampersands', `t=${t}&v1=${v1}`],
    ['colons', `t:${t},v1:${v1}`],
    ['blanks between the parts', `t=${t} v1=${v1}`],
    ['blanks around the signs', `t = ${t}, v1 = ${v1}`],
    ['capital names', `T=${t},V1=${v1}`],
    ['long names', `timestamp=${t},signature=${v1}`],
    ['v0 only', `t=${t},v0=${v1}`],
    ['v2 only', `t=${t},v2=${v1}`],
    ['v1 as a prefix', `t=${t},v1a=${v1}`],
    ['sha256 as the scheme', `t=${t},sha256=${v1}`],
    ['the scheme of GitHub', `sha256=${v1}`],
    ['the signature bare', v1],
    ['a bearer token', `Bearer ${v1}`],
    ['JSON', JSON.stringify({ t, v1 })],
    ['an upper-case signature', `t=${t},v1=${v1.toUpperCase()}`],
    ['a signature in base64', `t=${t},v1=${Buffer.from(v1, 'hex').toString('base64')}`],
    ['a signature in base64url', `t=${t},v1=${Buffer.from(v1, 'hex').toString('base64url')}`],
    ['a signature with 0x', `t=${t},v1=0x${v1}`],
    ['a quoted signature', `t=${t},v1="${v1}"`],
    ['a signature behind a blank', `t=${t},v1= ${v1}`],
    ['a signature of 63 digits', `t=${t},v1=${v1.slice(1)}`],
    ['a signature of 65 digits', `t=${t},v1=${v1}0`],
    ['a signature of 62 digits', `t=${t},v1=${v1.slice(2)}`],
    ['a signature twice in one', `t=${t},v1=${v1}${v1}`],
    ['a signature of zeros', `t=${t},v1=${zeros}`],
    ['a signature of f', `t=${t},v1=${'f'.repeat(64)}`],
    ['a signature of g', `t=${t},v1=${'g'.repeat(64)}`],
    ['a signature that ends otherwise', `t=${t},v1=${v1.slice(0, 63)}${v1.endsWith('0') ? '1' : '0'}`],
    ['a signature that begins otherwise', `t=${t},v1=${v1.startsWith('0') ? '1' : '0'}${v1.slice(1)}`],
    ['a signature backwards', `t=${t},v1=${[...v1].reverse().join('')}`],
    ['a signature of Latin letters that are not ASCII', `t=${t},v1=${'\u00e9'.repeat(64)}`],
    ['a signature of wide digits', `t=${t},v1=${'\uff10'.repeat(64)}`],
    ['a signature with one wide digit', `t=${t},v1=${v1.slice(1)}\uff10`],
    ['a signature with a tab', `t=${t},v1=${v1}\t0`],
    ['the time twice', `t=${t},t=${t},v1=${v1}`],
    ['an old time and a good one', `t=1,t=${t},v1=${v1}`],
    ['a good time and an old one', `t=${t},v1=${v1},t=1`],
    ['one good signature and one malformed', `t=${t},v1=${v1},v1=x`],
    ['one malformed signature and one good', `t=${t},v1=,v1=${v1}`],
    ['nine signatures', `t=${t},${repeat(9, `v1=${v1}`).join()}`],
    ['eight wrong signatures', `t=${t},${repeat(8, `v1=${zeros}`).join()}`],
    ['a good one behind a thousand bytes', `t=${t},x=${'y'.repeat(1_000)},v1=${v1}`],
    ['10,000 signatures', `t=${t},${repeat(10_000, `v1=${zeros}`).join()}`],
    ['a part without a name', `t=${t},=1,v1=${v1}`],
    ['a part without a value', `t=${t},x,v1=${v1}`],
    ['the whole header twice', `t=${t},v1=${v1},t=${t},v1=${v1}`],
    ['a percent sign for the equals sign', `t%3D${t},v1%3D${v1}`],
    ['a signature that is escaped', `t=${t},v1=${v1.replace(/^./, (digit) => `%${digit.charCodeAt(0).toString(16)}`)}`],
  ];
  return texts.map(([what, text]) => [what, { headers: text === null ? [] : [['Stripe-Signature', text]], body }]);
}

export function times(genuine: Genuine): Case[] {
  const { now, body } = genuine;
  const written = [
    ...[
      'NaN',
      'Infinity',
      '-Infinity',
      'null',
      'true',
      '',
      '0',
      '-0',
      '-1',
      '1',
      '1e9',
      '1E10',
      '0x65a5f2c0',
      '0b1',
      '0o17',
    ],
    ...[
      `-${now}`,
      `+${now}`,
      `${now}.0`,
      `${now}.5`,
      `${now},5`,
      `${now}n`,
      `${now}_0`,
      ` ${now}`,
      `${now} 0`,
      `'${now}'`,
    ],
    ...[`${now}000`, `${now}000000`, '9'.repeat(12), '9'.repeat(13), '9'.repeat(400), String(2 ** 31), String(2 ** 53)],
    ...['١٧٣٦٩٤٢٤٠٠', '\uff11\uff17', new Date(now * 1_000).toISOString(), new Date(now * 1_000).toUTCString()],
    ...[301, 302, 600, 3_600, 86_400, 31_536_000].map((seconds) => String(now - seconds)),
    ...[75, 120, 3_600, 86_400, 31_536_000].map((seconds) => String(now + seconds)),
  ];
  const moved = [3_600, 86_400, 301, -3_600].map((age): Case => [
    `a signature of ${age} s ago with the time of now`,
    { headers: [['Stripe-Signature', `t=${now},v1=${signatureOf(genuine, now - age)}`]], body },
  ]);
  return [
    ...written.map((t): Case => [
      `the time '${t}', signed`,
      { headers: [['Stripe-Signature', `t=${t},v1=${signatureOf(genuine, t)}`]], body },
    ]),
    ...moved,
  ];
}

export function secrets({ secret, now, body }: Genuine): Case[] {
  const made: [string, string][] = [
    ...[
      '',
      'whsec_',
      'whsec_other',
      'sk_test_journey',
      secret.slice(6),
      secret.toUpperCase(),
      `${secret}\n`,
      ` ${secret}`,
    ].map((key): [string, string] => [
      `the secret '${key === secret.slice(6) ? 'without its prefix' : key.length}'`,
      hmac('sha256', key, `${now}.`, body),
    ]),
    ['the secret as base64', hmac('sha256', Buffer.from(secret).toString('base64'), `${now}.`, body)],
    ['the secret as hex', hmac('sha256', Buffer.from(secret).toString('hex'), `${now}.`, body)],
    ['SHA-1, filled up', hmac('sha1', secret, `${now}.`, body).padEnd(64, '0')],
    ['MD5, twice', hmac('md5', secret, `${now}.`, body).repeat(2)],
    ['SHA-512', hmac('sha512', secret, `${now}.`, body)],
    ['SHA-512, cut', hmac('sha512', secret, `${now}.`, body).slice(0, 64)],
    ['SHA3', hmac('sha3-256', secret, `${now}.`, body)],
    ['a hash without a key', createHash('sha256').update(`${now}.`).update(body).digest('hex')],
    ['a hash of the key and the body', createHash('sha256').update(`${secret}${now}.`).update(body).digest('hex')],
    ['the body alone', hmac('sha256', secret, body)],
    ['the time alone', hmac('sha256', secret, `${now}`)],
    ['no dot', hmac('sha256', secret, `${now}`, body)],
    ['a colon for the dot', hmac('sha256', secret, `${now}:`, body)],
    ['the body before the time', hmac('sha256', secret, body, `.${now}`)],
    ['a signature of the signature', hmac('sha256', secret, hmac('sha256', secret, `${now}.`, body))],
    ['an empty body', hmac('sha256', secret, `${now}.`)],
  ];
  return made.map(([what, v1]) => [
    `signed with ${what}`,
    { headers: [['Stripe-Signature', `t=${now},v1=${v1}`]], body },
  ]);
}
