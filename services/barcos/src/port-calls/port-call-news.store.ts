import type { Unit } from '@porttrack/shared/database/transaction'
import { v7 as uuidv7 } from 'uuid'
import type { Client } from '../database.ts'

/** Something that another service told of a call, for its timeline. */
export type News = {
  /** The event’s, where one event tells one thing at most; it is kept once then. */
  id?: string
  portCallId: string
  kind: 'CARGO' | 'CREW'
  action: string
  about: string
  aboutId?: string
  /** Whose service it is about; null where the port serves the call itself. */
  providerOrganization?: string | null
  toldBy: 'carga' | 'personal'
  happenedAt: Date
}

/** Keeps news of a call. */
export const keepNews = async ({ tx }: Unit<Client>, news: News): Promise<void> => {
  await tx.portCallNews.createMany({ data: [{ id: uuidv7(), ...news }], skipDuplicates: true })
}
