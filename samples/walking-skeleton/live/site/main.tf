terraform {
  required_version = ">= 1.9"
  required_providers {
    local = {
      source  = "hashicorp/local"
      version = "~> 2.5"
    }
  }
  backend "local" {}
}

# A folder that stands for the cloud.
variable "root" {
  type = string
}

resource "local_file" "page" {
  filename        = "${var.root}/site/index.html"
  content         = "<h1>It walks.</h1>\n"
  file_permission = "0640"
}
