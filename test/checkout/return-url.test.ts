import fc from 'fast-check';
import { checkReturnUrl } from '../../src/checkout/return-url.js';
import { Refusal } from '../../src/refusal.js';
import { strangeAddresses } from '../support/strange-addresses.js';

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

  it.each(strangeAddresses(APP))('%j is refused', (text) => {
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
