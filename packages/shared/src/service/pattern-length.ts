import { type AST, RegExpParser } from '@eslint-community/regexpp'

const parser = new RegExpParser()

/**
 * Characters of the longest text that a pattern of JSON Schema takes; infinite where it sets no end.
 *
 * @throws when it is no regular expression
 */
export const longestMatch = (pattern: string): number => {
  const { alternatives } = parser.parsePattern(pattern, 0, pattern.length, { unicode: true })
  return Math.max(...alternatives.map((each) => (isWhole(each) ? lengthOf(each) : Infinity)))
}

/** Whether it is of a text from its beginning to its end. */
const isWhole = ({ elements }: AST.Alternative): boolean => {
  const [first, last] = [elements.at(0), elements.at(-1)]
  return (
    first?.type === 'Assertion' &&
    first.kind === 'start' &&
    last?.type === 'Assertion' &&
    last.kind === 'end'
  )
}

const lengthOf = ({ elements }: AST.Alternative): number =>
  elements.reduce((sum, element) => sum + longest(element), 0)

const longest = (element: AST.Element): number => {
  switch (element.type) {
    case 'Character':
    case 'CharacterSet':
    case 'CharacterClass':
      return 1
    case 'Assertion':
      return 0
    case 'Group':
    case 'CapturingGroup':
      return Math.max(...element.alternatives.map(lengthOf))
    case 'Quantifier': {
      const once = longest(element.element)
      return once === 0 || element.max === 0 ? 0 : once * element.max
    }
    case 'Backreference':
    case 'ExpressionCharacterClass':
      return Infinity
  }
}
