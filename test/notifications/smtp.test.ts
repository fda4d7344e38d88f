import { createServer, type AddressInfo } from 'node:net';
import { createSmtpMailer } from '../../src/notifications/smtp.js';
import type { Mail } from '../../src/ports.js';
import { type MailServer, startMailServer } from '../support/mail-server.js';

const mail: Mail = {
  id: 'a1b2',
  to: 'ada@example.com',
  subject: 'Ihre Zahlung über 12,00 €',
  text: 'Guten Tag,\n\nhttps://invoice.example/i\n',
  html: '<p>Guten Tag,</p>',
};
const from = 'Acme Billing <billing@acme.example>';
const still = new AbortController().signal;

describe('mail over SMTP', () => {
  let server: MailServer;
  afterEach(() => server.close());
  const send = (url = server.url, signal = still) => createSmtpMailer({ url, from }).send(mail, signal);

  it('arrives as text and HTML, from whom and to whom it should, with the same Message-ID at every try', async () => {
    server = await startMailServer();
    expect(await send()).toEqual({ is: 'accepted' });
    expect(await send()).toEqual({ is: 'accepted' });

    const [first = '', second = ''] = server.accepted;
    expect(first).toContain('From: Acme Billing <billing@acme.example>\r\n');
    expect(first).toContain('To: ada@example.com\r\n');
    expect(first).toContain('Content-Type: text/plain; charset=utf-8\r\n');
    expect(first).toContain('Content-Type: text/html; charset=utf-8\r\n');
    expect(first).toContain('Auto-Submitted: auto-generated\r\n');
    for (const letter of [first, second]) expect(letter).toContain('Message-ID: <a1b2@acme.example>\r\n');
  });

  it('is refused for good when the server refuses the letter or its reader for good', async () => {
    server = await startMailServer({ answer: () => ({ code: 554, text: 'no such thing here' }) });
    expect(await send()).toMatchObject({ is: 'refused', permanent: true });
    await server.close();
    server = await startMailServer({
      onRcptTo: (_address, _session, done) => done(Object.assign(new Error('nobody here'), { responseCode: 550 })),
    });
    expect(await send()).toMatchObject({ is: 'refused', permanent: true });
  });

  it('is refused for now by a 4xx, a server that is away, or one that does not know us', async () => {
    server = await startMailServer({ answer: () => ({ code: 451, text: 'later' }) });
    expect(await send()).toMatchObject({ is: 'refused', permanent: false });
    await server.close();
    expect(await send()).toMatchObject({ is: 'refused', permanent: false });

    server = await startMailServer({ authOptional: false, onAuth: (_auth, _session, done) => done(new Error('who?')) });
    expect(await send(server.url.replace('//', '//user:wrong@'))).toMatchObject({ is: 'refused', permanent: false });
  });

  it('logs in with the name and password of the address', async () => {
    const seen: unknown[] = [];
    server = await startMailServer({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth({ username, password }, _session, done) {
        seen.push([username, password]);
        done(null, { user: username });
      },
    });
    expect(await send(server.url.replace('//', '//billing%40acme:p%3Ass@'))).toEqual({ is: 'accepted' });
    expect(seen).toEqual([['billing@acme', 'p:ss']]);
  });

  it.each(['reset', 'accept and reset'] as const)(
    'is unclear when the connection breaks after the letter (%s)',
    async (answer) => {
      server = await startMailServer({ answer: () => answer });
      expect(await send()).toMatchObject({ is: 'unclear' });
      expect(server.accepted).toHaveLength(answer === 'reset' ? 0 : 1);
    },
  );

  it('is unclear when it is broken off while a slow server has the letter, and refused when it has not', async () => {
    const breakOff = new AbortController();
    server = await startMailServer({
      answer: () => {
        breakOff.abort();
        return new Promise(() => {});
      },
    });
    expect(await send(server.url, breakOff.signal)).toMatchObject({ is: 'unclear' });

    const silent = createServer((socket) => void socket.on('error', () => {}));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const early = new AbortController();
    silent.on('connection', () => early.abort());
    const { port } = silent.address() as AddressInfo;
    expect(await send(`smtp://127.0.0.1:${port}`, early.signal)).toMatchObject({ is: 'refused', permanent: false });
    silent.close();
  });

  it('shows where it goes without its password', async () => {
    server = await startMailServer();
    const { destination } = createSmtpMailer({ url: 'smtps://billing:CANARY@mail.example.com:465', from });
    expect(destination).toBe('mail.example.com:465');
  });
});
