"""Writers of documents: PDF with tags, HTML in one file, and DOCX to edit."""
