/** Something that a customer has several of, and that is always seen as a whole list: payment methods, tax ids. */
interface Member {
  id: string;
  accountId: string | null;
}

/** What is not in a list that was seen is gone; without a look (null) only the owner can change. */
export function decideMembers<State extends Member>(
  stored: readonly State[],
  seen: readonly Omit<State, 'accountId'>[] | null,
  { accountId, deletedAt }: { accountId: string | null; deletedAt: number | null },
): { kept: State[]; removed: string[] } {
  if (deletedAt !== null) return { kept: [], removed: stored.map(({ id }) => id) };
  if (seen === null) return { kept: stored.map((member) => ({ ...member, accountId })), removed: [] };
  const kept = seen.map((member) => ({ ...member, accountId }) as State);
  const ids = new Set(kept.map(({ id }) => id));
  return { kept, removed: stored.map(({ id }) => id).filter((id) => !ids.has(id)) };
}
