// The package has no types of its own; this is as much of it as is used.
declare module 'edifact' {
  /** Takes a document apart; without a validator it asks nothing of segments. */
  export class Parser {
    onopensegment: (name: string) => void
    onelement: () => void
    oncomponent: (value: string) => void
    encoding(level: string): void
    /** @throws Error for what is no UN/EDIFACT */
    write(chunk: string): void
    /** @throws Error for a document that ends within a segment */
    end(): void
  }
}
