import { whyUnreachable } from '../../src/webhooks/endpoint-plan.js';

describe('an address to which Stripe is to deliver', () => {
  it.each([
    'http://localhost:4000',
    'http://gateway:4000',
    'https://gateway.internal',
    'https://127.0.0.1',
    'https://10.1.2.3',
    'https://172.16.0.1',
    'https://[::1]',
    'https://[fd00::1]',
    'https://[::ffff:10.0.0.1]',
  ])('is not %s: nobody outside knows it', (address) => {
    expect(whyUnreachable(address, false)).toContain('alone');
  });

  it.each([
    'https://billing.example.com',
    'https://172.32.0.1',
    'https://[2606:4700::1111]',
    'https://11.0.0.1/billing',
  ])('can be %s', (address) => expect(whyUnreachable(address, true)).toBeNull());

  it('begins with https:// for live events', () => {
    expect(whyUnreachable('http://billing.example.com', true)).toContain('https');
    expect(whyUnreachable('http://billing.example.com', false)).toBeNull();
  });
});
