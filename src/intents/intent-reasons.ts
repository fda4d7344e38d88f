import type { Queries } from '../database/database.js';

/** Why staff asked for what each of these intents did, in their own words; null for what takes no reason. */
export async function readReasons(queries: Queries, ids: readonly string[]): Promise<(string | null)[]> {
  const rows = await queries.rows<{ id: string; data: string }>(
    `SELECT id, data FROM intents WHERE id IN (${ids.map(() => '?').join(', ')})`,
    ids,
  );
  const reasons = new Map(rows.map(({ id, data }) => [id, (JSON.parse(data) as { reason?: string }).reason]));
  return ids.map((id) => reasons.get(id) ?? null);
}
