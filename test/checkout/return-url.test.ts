import fc from 'fast-check';
import { checkReturnUrl } from '../../src/checkout/return-url.js';
import { Refusal } from '../../src/refusal.js';

const APP = 'https://app.example.com';
const ORIGINS = [APP, 'http://localhost:4000'];
const check = (text: string) => checkReturnUrl(text, ORIGINS, 'successUrl');
const outcome = (text: string) => {
  try {
    return check(text);
  } catch (thrown) {
    if (thrown instanceof Refusal) return thrown.code;
    throw thrown;
  }
};

describe('a return address', () => {
  it.each([
    [APP, `${APP}/`],
    [`${APP}/done?a=1&b=%20#c`, `${APP}/done?a=1&b=%20#c`],
    [`${APP}/done?session={CHECKOUT_SESSION_ID}`, `${APP}/done?session={CHECKOUT_SESSION_ID}`],
    [`${APP}/{CHECKOUT_SESSION_ID}/{CHECKOUT_SESSION_ID}`, `${APP}/{CHECKOUT_SESSION_ID}/{CHECKOUT_SESSION_ID}`],
    ['http://localhost:4000/checkout', 'http://localhost:4000/checkout'],
    ['https://app.example.com:443/x', `${APP}/x`],
    ['HTTPS://APP.EXAMPLE.COM/X', `${APP}/X`],
    [`${APP}/a/../b`, `${APP}/b`],
    [`${APP}/?to=https://evil.example`, `${APP}/?to=https://evil.example`],
    [`${APP}/%2f%2fevil.example`, `${APP}/%2f%2fevil.example`],
    [`${APP}//evil.example`, `${APP}//evil.example`],
    [`${APP}/@evil.example`, `${APP}/@evil.example`],
    [`${APP}/ü`, `${APP}/%C3%BC`],
    ['https:///app.example.com/x', `${APP}/x`],
  ])('%s goes to Stripe as %s', (text, expected) => {
    expect(check(text)).toBe(expected);
  });

  it.each([
    // Another host.
    'https://evil.example',
    'https://evil.example/app.example.com',
    'https://evil.example?app.example.com',
    'https://evil.example#app.example.com',
    'https://evil.example/https://app.example.com',
    'https://app.example.com.evil.example',
    'https://evil-app.example.com',
    'https://evilapp.example.com',
    'https://app.example.comevil.example',
    'https://sub.app.example.com',
    'https://example.com',
    'https://app.example.co',
    'https://app-example.com',
    'https://app.example.com.',
    'https://app.example.com../',
    'https://.app.example.com',
    'https://app..example.com',
    'https://app.example.com%2eevil.example',
    'https://app.example.com%00.evil.example',
    'https://app.example.com%2f.evil.example',
    'https://app.example.com%5c.evil.example',
    'https://app.example.com%23.evil.example',
    'https://app.example.com%40evil.example',
    'https://%61pp.example.com.evil.example',
    // User names.
    'https://app.example.com@evil.example',
    'https://app.example.com:x@evil.example',
    'https://app.example.com%40x@evil.example',
    'https://evil.example@app.example.com',
    'https://user:secret@app.example.com',
    'https://:secret@app.example.com',
    'https://app.example.com&@evil.example#@app.example.com/',
    'http://localhost:4000@evil.example',
    // Backslashes, blanks, line breaks.
    'https:\\\\app.example.com',
    'https:/\\app.example.com',
    'https://app.example.com\\@evil.example',
    'https://evil.example\\@app.example.com',
    'https://app.example.com\\.evil.example',
    `${APP}/\\evil.example`,
    ' https://app.example.com',
    'https://app.example.com ',
    `${APP}/a b`,
    'https://app.exam\tple.com',
    'ht\ntps://app.example.com',
    `${APP}/\r\nLocation: https://evil.example`,
    `${APP}/\u0000`,
    '\u0001https://app.example.com',
    `${APP}/\u007f`,
    `${APP}/\u0085`,
    'https://app.example.com\u00a0.evil.example',
    'https://app.example.com\u2028.evil.example',
    '\ufeffhttps://app.example.com',
    // Look-alikes of dots, slashes and letters.
    'https://app.example.com。evil.example',
    'https://app.example.com．evil.example',
    'https://app.example.com｡evil.example',
    'https://app.example.com／.evil.example',
    'https://app.example.com⁄.evil.example',
    'https://app.example.com＠evil.example',
    'https://аpp.example.com',
    'https://xn--pp-7kc.example.com',
    'https://app.еxample.com',
    'https://äpp.example.com',
    // Other schemes and none.
    'javascript:alert(1)',
    'javascript://app.example.com/%0aalert(1)',
    'JaVaScRiPt:alert(1)',
    'data:text/html,<script>',
    'vbscript:x',
    'file:///etc/passwd',
    'ftp://app.example.com',
    'blob:https://app.example.com/1',
    'ws://app.example.com',
    'view-source:https://app.example.com',
    'http://app.example.com',
    'https://localhost:4000',
    '//app.example.com',
    '///evil.example',
    '/checkout/success',
    '/\\evil.example',
    'app.example.com',
    'https:app.example.com',
    'https:/app.example.com',
    'https://',
    'https://?',
    'https://#',
    '',
    '?',
    // Ports.
    'https://app.example.com:444',
    'https://app.example.com:80',
    'https://app.example.com:0',
    'https://app.example.com:99999',
    'https://app.example.com:443@evil.example',
    'https://app.example.com:443.evil.example',
    'http://localhost',
    'http://localhost:40000',
    'http://127.0.0.1:4000',
    'http://[::1]:4000',
    'http://0x7f000001:4000',
    'http://2130706433:4000',
    // The session's place in the host, and length.
    'https://{CHECKOUT_SESSION_ID}',
    'https://{CHECKOUT_SESSION_ID}.example.com',
    'https://app.example.com{CHECKOUT_SESSION_ID}',
    '{CHECKOUT_SESSION_ID}',
    `${APP}/${'x'.repeat(2_001)}`,
  ])('%j is refused', (text) => {
    expect(outcome(text)).toBe('RETURN_URL_NOT_ALLOWED');
  });

  it('that is accepted leads to an allowed origin for every reader, whatever was sent', () => {
    const bits = fc.constantFrom(
      ...['https:', 'http:', '//', '/', '\\', '@', ':', '.', '?', '#', '%2f', '%40', 'app.example.com', 'evil.example'],
      ...['localhost', '4000', '443', 'user', '。', '／', '\t', ' ', '{CHECKOUT_SESSION_ID}', '[', ']', 'javascript:'],
    );
    const text = fc.oneof(
      fc.array(bits, { maxLength: 9 }).map((some) => some.join('')),
      fc.array(bits, { maxLength: 6 }).map((some) => `${APP}${some.join('')}`),
      fc.string({ unit: 'binary' }).map((some) => `${APP}${some}`),
    );
    fc.assert(
      fc.property(text, (any) => {
        const found = outcome(any);
        if (found === 'RETURN_URL_NOT_ALLOWED') return;
        expect(found).toMatch(/^(https:\/\/app\.example\.com|http:\/\/localhost:4000)([/?#]|$)/);
        expect(new URL(found)).toMatchObject({ username: '', password: '' });
      }),
      { numRuns: 5_000 },
    );
  });

  it('that is refused is told apart by its field and with what is allowed', () => {
    const refused = () => checkReturnUrl('https://evil.example', ORIGINS, 'cancelUrl');

    expect(refused).toThrow('cancelUrl leads to https://evil.example');
    try {
      refused();
    } catch (thrown) {
      expect((thrown as Refusal).details).toMatchObject({
        field: ['input', 'cancelUrl'],
        hint: expect.stringContaining(APP),
      });
    }
  });
});
