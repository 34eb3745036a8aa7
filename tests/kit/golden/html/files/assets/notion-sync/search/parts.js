notionSync.parts(1);
