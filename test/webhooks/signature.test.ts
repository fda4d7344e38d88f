import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { verifySignature } from '../../src/webhooks/signature.js';

const SECRET = 'whsec_ours';
const NOW = Date.parse('2027-01-15T12:00:00.000Z');
const SECOND = NOW / 1000;
const BODY = Buffer.from('{"id":"evt_1","amount":1.0,"name":"Zoë"}');

const sign = (t: number | string = SECOND, secret = SECRET, body: Buffer = BODY) =>
  createHmac('sha256', secret).update(`${t}.`).update(body).digest('hex');
const header = (t: number | string = SECOND, ...signatures: string[]) =>
  [`t=${t}`, ...(signatures.length > 0 ? signatures : [sign(t)]).map((v1) => `v1=${v1}`)].join(',');
const verify = (text: string | undefined, secrets: readonly string[] = [SECRET], body = BODY, now = NOW) =>
  verifySignature(body, text, secrets, now);

describe('the signature of a webhook', () => {
  it.each([
    ['a fresh one', header()],
    ['one of exactly 300 seconds ago', header(SECOND - 300)],
    ['one of exactly 60 seconds ahead', header(SECOND + 60)],
    ['a right one among seven wrong ones', header(SECOND, ...Array<string>(7).fill('0'.repeat(64)), sign())],
    ['one beside the older scheme', `${header()},v0=${'1'.repeat(64)}`],
    ['one beside a scheme of the future', `v2=anything,${header()}`],
    ['one whose parts are in another order', `v1=${sign()},t=${SECOND}`],
    ['one with a blank behind the comma', `t=${SECOND}, v1=${sign()}`],
  ])('is accepted when it is %s', (_what, text) => {
    expect(verify(text)).toBeNull();
  });

  it.each([
    ['there is no header', undefined, 'header_missing'],
    ['the header is empty', '', 'header_missing'],
    ['the header is a blank', ' ', 'header_malformed'],
    ['it carries v0 only', `t=${SECOND},v0=${sign()}`, 'header_malformed'],
    ['it carries no time', `v1=${sign()}`, 'header_malformed'],
    ['it carries no signature', `t=${SECOND}`, 'header_malformed'],
    ['the signature is too short', `t=${SECOND},v1=${sign().slice(1)}`, 'header_malformed'],
    ['the signature is too long', `t=${SECOND},v1=${sign()}0`, 'header_malformed'],
    ['the signature is empty', `t=${SECOND},v1=`, 'header_malformed'],
    ['the signature is not ASCII', `t=${SECOND},v1=${'é'.repeat(64)}`, 'header_malformed'],
    ['the signature is in upper case', `t=${SECOND},v1=${sign().toUpperCase()}`, 'header_malformed'],
    ['the signature ends in a line break', `t=${SECOND},v1=${sign()}\n`, 'header_malformed'],
    ['one of two signatures is malformed', `${header()},v1=abc`, 'header_malformed'],
    ['it carries two times', `t=${SECOND},${header()}`, 'header_malformed'],
    ['the same header came twice', `${header()}, ${header()}`, 'header_malformed'],
    ['the time is NaN', header('NaN'), 'header_malformed'],
    ['the time is empty', header(''), 'header_malformed'],
    ['the time is negative', header(-SECOND), 'header_malformed'],
    ['the time is a fraction', header(`${SECOND}.5`), 'header_malformed'],
    ['the time is hexadecimal', header('0x65a5'), 'header_malformed'],
    ['the time has an exponent', header('1e9'), 'header_malformed'],
    ['the time is in Arabic digits', header('١٧٣٦'), 'header_malformed'],
    ['the time has more digits than a number holds', header('9'.repeat(400)), 'header_malformed'],
    ['a part has no name', `=${SECOND},${header()}`, 'header_malformed'],
    ['a part has no value', `t,${header()}`, 'header_malformed'],
    ['it ends in a comma', `${header()},`, 'header_malformed'],
    ['it carries nine signatures', header(SECOND, ...Array<string>(9).fill(sign())), 'header_malformed'],
    ['it carries 10,000 signatures', header(SECOND, ...Array<string>(10_000).fill(sign())), 'header_malformed'],
    ['it is longer than 1 kB', `${header()},x=${'y'.repeat(1_024)}`, 'header_malformed'],
    ['it is 301 seconds old', header(SECOND - 301), 'too_old'],
    ['it is an hour old', header(SECOND - 3_600), 'too_old'],
    ['its time is zero', header(0), 'too_old'],
    ['it is 61 seconds ahead', header(SECOND + 61), 'too_new'],
    ['it is in milliseconds', header(NOW), 'header_malformed'],
    ['its time was moved into the window', `t=${SECOND},v1=${sign(SECOND - 3_600)}`, 'no_match'],
    ['it was made with the secret of another endpoint', header(SECOND, sign(SECOND, 'whsec_other')), 'no_match'],
    ['it was made with an empty secret', header(SECOND, sign(SECOND, '')), 'no_match'],
    ['it is the hash of the body without the time', header(SECOND, sign('')), 'no_match'],
  ])('is refused when %s', (_what, text, problem) => {
    expect(verify(text)).toBe(problem);
  });

  it('is refused for the same JSON written anew', () => {
    const written = Buffer.from(JSON.stringify(JSON.parse(BODY.toString())));

    expect(verify(header(), [SECRET], written)).toBe('no_match');
  });

  it.each([
    ['a byte order mark in front', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), BODY])],
    ['a line break behind', Buffer.concat([BODY, Buffer.from('\n')])],
    ['nothing in it', Buffer.alloc(0)],
  ])('is refused for a body with %s', (_what, body) => {
    expect(verify(header(), [SECRET], body)).toBe('no_match');
  });

  it('covers the bytes and not the text: two bodies that decode alike differ', () => {
    const [one, other] = [Buffer.from([0xff]), Buffer.from([0xfe])];
    const signed = header(SECOND, sign(SECOND, SECRET, one));

    expect(verify(signed, [SECRET], one)).toBeNull();
    expect(verify(signed, [SECRET], other)).toBe('no_match');
  });

  it.each([0, 1, 2])('is accepted when it was made with secret %i of three', (index) => {
    const secrets = ['whsec_a', 'whsec_b', 'whsec_c'];

    expect(verify(header(SECOND, sign(SECOND, secrets[index])), secrets)).toBeNull();
  });

  it('is refused when no secret is configured', () => {
    expect(verify(header(), [])).toBe('no_match');
  });

  it('is never accepted, and never throws, for anything but what was signed', () => {
    const piece = fc.oneof(
      fc.constantFrom('t=', 'v1=', 'v0=', ',', '=', ' ', String(SECOND), 'a'.repeat(64), sign().slice(0, 63)),
      fc.string({ unit: 'binary', maxLength: 70 }),
    );
    const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(text, fc.uint8Array({ maxLength: 60 }), (any, body) => {
        expect(verify(any, [SECRET], Buffer.from(body))).not.toBeNull();
      }),
      { numRuns: 3_000 },
    );
  });

  it('is refused as soon as one character of header or body differs', () => {
    const good = header();
    fc.assert(
      fc.property(
        fc.nat(good.length - 1),
        fc.nat(BODY.length - 1),
        fc.integer({ min: 1, max: 255 }),
        (at, byte, by) => {
          const bent = good.slice(0, at) + String.fromCharCode(good.charCodeAt(at) ^ by) + good.slice(at + 1);
          const body = Buffer.from(BODY);
          body[byte] = (body[byte] ?? 0) ^ by;
          expect(verify(bent)).not.toBeNull();
          expect(verify(good, [SECRET], body)).toBe('no_match');
        },
      ),
    );
  });
});
