// What of the official types the trial is about: everything that an answer to a reader may hold.
export type {
  BlockObjectResponse,
  CommentObjectResponse,
  DataSourceObjectResponse,
  DataSourceViewObjectResponse,
  DatabaseObjectResponse,
  PageObjectResponse,
  PartialBlockObjectResponse,
  PartialCommentObjectResponse,
  PartialDataSourceObjectResponse,
  PartialDataSourceViewObjectResponse,
  PartialDatabaseObjectResponse,
  PartialPageObjectResponse,
  PartialUserObjectResponse,
  UserObjectResponse,
} from "@notionhq/client/build/src/api-endpoints";
