import { readFileSync } from 'node:fs'
import ts from 'typescript'

/** What stands above each property of the file's exported objects, by object and property, on one line each. */
export function readComments(file: string): Map<string, Map<string, string>> {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)
  const objects = source.statements
    .filter((statement) => ts.isVariableStatement(statement))
    .flatMap(({ declarationList }) => [...declarationList.declarations])
  return new Map(
    objects.flatMap(({ name, initializer }) =>
      initializer && ts.isObjectLiteralExpression(initializer)
        ? [[name.getText(), commentsIn(initializer)] as const]
        : [],
    ),
  )
}

function commentsIn(object: ts.ObjectLiteralExpression): Map<string, string> {
  const named = object.properties.filter((property) => ts.isPropertyAssignment(property))
  return new Map(named.map((property) => [property.name.getText(), commentOf(property)]))
}

function commentOf(property: ts.PropertyAssignment): string {
  const [doc] = ts.getJSDocCommentsAndTags(property)
  const text = doc && ts.isJSDoc(doc) ? ts.getTextOfJSDocComment(doc.comment) : undefined
  return (text ?? '').replaceAll(/\s+/g, ' ').trim()
}
