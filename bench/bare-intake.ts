import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import libsql from 'libsql';
import mysql from 'mysql2/promise';
import { answerQuestions } from './child.js';
import { SECRET } from './deliveries.js';

/** The least that keeps a webhook: node:http, one check of the signature, one prepared insert; nothing is looked at twice. */

const INSERT = `INSERT INTO bare_events (id, type, created, body, received_at) VALUES (?, ?, ?, ?, ?)`;
const TABLE = (bytes: string) =>
  `CREATE TABLE IF NOT EXISTS bare_events (id VARCHAR(255) PRIMARY KEY, type VARCHAR(255), created BIGINT, body ${bytes}, received_at BIGINT)`;

type Row = [id: string, type: string, created: number, body: Buffer, receivedAt: number];

async function openServer(url: string): Promise<(row: Row) => Promise<unknown>> {
  const { hostname, port, username, password, pathname } = new URL(url);
  const pool = mysql.createPool({
    host: hostname,
    port: Number(port || 3306),
    user: username,
    password,
    database: pathname.slice(1),
    connectionLimit: 10,
  });
  await pool.query(TABLE('MEDIUMBLOB'));
  return (row) => pool.execute(INSERT, row);
}

/** All rows that came in one turn of the event loop share a transaction. */
function openFile(file: string): (row: Row) => Promise<unknown> {
  const database = new libsql(file);
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('PRAGMA synchronous = FULL');
  database.exec(TABLE('BLOB'));
  const insert = database.prepare(INSERT);
  let waiting: { row: Row; done: () => void }[] = [];
  const flush = () => {
    const batch = waiting;
    waiting = [];
    database.exec('BEGIN IMMEDIATE');
    for (const { row } of batch) insert.run(...row);
    database.exec('COMMIT');
    batch.forEach(({ done }) => done());
  };
  return (row) =>
    new Promise<void>((done) => {
      if (waiting.push({ row, done }) === 1) setImmediate(flush);
    });
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function isSigned(body: Buffer, header: string): boolean {
  const [, at = '', given = ''] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(header) ?? [];
  const expected = createHmac('sha256', SECRET).update(`${at}.`).update(body).digest();
  return given !== '' && timingSafeEqual(expected, Buffer.from(given, 'hex'));
}

async function main(url: string): Promise<void> {
  const insert = url.startsWith('file:') ? openFile(url.slice('file:'.length)) : await openServer(url);
  const server = createServer((request, response) => {
    void readBody(request).then(async (body) => {
      if (!isSigned(body, String(request.headers['stripe-signature']))) return response.writeHead(400).end();
      const event = JSON.parse(body.toString('utf8')) as { id: string; type: string; created: number };
      await insert([event.id, event.type, event.created, body, Date.now()]);
      return response.writeHead(200, { 'content-length': 6 }).end('stored');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  answerQuestions({ ready: () => ({ port: (server.address() as AddressInfo).port }) });
}

void main(String(process.argv[2]));
